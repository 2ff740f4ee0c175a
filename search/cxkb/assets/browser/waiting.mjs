/**
 * What a reader sees before the first answer: how much is loaded, or a button where loading should be agreed to.
 */

import { cost, open, watch } from "./client.mjs";
import { element } from "./elements.mjs";
import { sentence, size } from "./words.mjs";

/**
 * @param {HTMLElement} field  the question's, which has the focus back when the button is gone
 * @param {(name: string) => HTMLElement} button  makes one of this name that its place can reach by keyboard
 * @returns {{element: HTMLElement, say: (text: string) => void, begin: () => Promise<boolean>}}
 *   `say` puts a text into the one live region; `begin` loads, and tells whether there is something to ask
 */
export function openWaiting(field, button) {
  const status = element("p", { class: "cxkb-meaning__status", role: "status" });
  const bar = element("progress", { class: "cxkb-meaning__progress", max: "1", value: "0", "aria-label": "Loading search by meaning" });
  const amount = element("span", { class: "cxkb-meaning__amount", "aria-hidden": "true" });
  const loading = element("div", { class: "cxkb-meaning__loading", hidden: true }, bar, amount);
  const place = element("div", {}, status, loading);
  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  watch(({ loaded, total }) => {
    bar.value = loaded / total;
    amount.textContent = `${size(loaded)} of ${size(total)}`;
  });

  /** Until the reader agrees. */
  function consent(bytes) {
    return new Promise((resolve) => {
      const wanted = button(`Search by meaning (${size(bytes)})`);
      wanted.addEventListener("click", (event) => {
        event.preventDefault();
        event.stopPropagation(); // Material closes its box on a click at a link
        wanted.remove();
        resolve();
        field.focus();
      });
      say(`Search by meaning loads ${size(bytes)} first.`);
      place.append(wanted);
    });
  }

  async function load() {
    const { bytes, isKept, isDear, isByMeaning } = await cost();
    if (isDear && isByMeaning) await consent(bytes); // letters alone are light
    if (!isKept && isByMeaning) {
      say(`Loading search by meaning${globalThis.caches ? ", this once" : ""}: ${size(bytes)}`);
      loading.hidden = false;
    }
    await open();
    say("");
  }

  let begun = null;
  async function begin() {
    begun ??= load().catch((error) => {
      console.warn("cxkb:", error);
      throw error;
    });
    try {
      await begun;
      return true;
    } catch (error) {
      if (error.reason === "offline") begun = null;
      say(sentence(error));
      return false;
    } finally {
      loading.hidden = true;
    }
  }
  return { element: place, say, begin };
}
