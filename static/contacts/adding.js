// Words that go with a scan: {note?, promise?, tags?, starred?}. They are only ever added to. Pure.

/** What both say: notes one below the other, tags of both. */
export function together(old, words) {
  const both = {};
  const note = [old.note, words.note].filter(Boolean).join("\n");
  const promise = [...new Set([old.promise, words.promise].filter(Boolean))].join("; ");
  const tags = [...new Set([...(old.tags ?? []), ...(words.tags ?? [])])];
  if (note) both.note = note.slice(0, 4000);
  if (promise) both.promise = promise.slice(0, 300);
  if (tags.length) both.tags = tags.slice(0, 12).map((tag) => tag.slice(0, 40));
  if (old.starred || words.starred) both.starred = true;
  return both;
}

/** What was written to a scan while it was on its way; null when that is nothing. */
export function unsent(row, sent) {
  if (!row || ["note", "promise", "tags", "starred"].every((name) => String(row[name] ?? "") === String(sent[name] ?? ""))) return null;
  const rest = (text, gone, between) => (gone && text?.startsWith(gone + between) ? text.slice((gone + between).length) : text === gone ? "" : text);
  return { ...row, note: rest(row.note, sent.note, "\n") || undefined, promise: rest(row.promise, sent.promise, "; ") || undefined };
}
