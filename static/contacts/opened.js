// A badge opened by somebody signed out: the phone keeps when, so that it is found again however they sign in here.

import { queue } from "./phone.js";

const badge = document.querySelector('meta[name="badge"]');
const opened = new Date(Date.now() - performance.now() - Number(badge.dataset.age));
await queue.keepOpened({ badge: badge.content, kept: badge.dataset.kept, opened_at: opened.toISOString() });
