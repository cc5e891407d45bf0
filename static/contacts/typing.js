// Typing a badge code: checked while it is typed, also without network; Enter is enough.

import { badgeToken, typedCode } from "./codes.js";
import { word } from "./wording.js";

const at = (id) => document.getElementById(id);

/** Calls `onBadge(code or token)` for what is typed in the sheet; `host` is whose badge addresses may be pasted. */
export function offerTyping(host, onBadge) {
  const [input, help, sheet] = [at("code"), at("code-help"), at("code-sheet")];

  function read() {
    const token = badgeToken(input.value, host);
    return token ? { code: token } : typedCode(input.value);
  }

  function sentence({ code, wrong, missing, sign }) {
    if (code) return word("code-good");
    return wrong === "short" && missing === 8 ? word("code-help") : word(`code-${wrong}`, { n: missing, sign });
  }

  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    help.className = "help";
    help.textContent = sentence(read());
  });

  at("code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = read();
    if (!typed.code) {
      input.setAttribute("aria-invalid", "true");
      help.className = "error";
      help.textContent = sentence(typed);
      input.focus();
      input.select();
      return;
    }
    sheet.close();
    onBadge(typed.code);
  });

  sheet.addEventListener("close", () => {
    input.value = "";
    input.dispatchEvent(new Event("input"));
  });
}
