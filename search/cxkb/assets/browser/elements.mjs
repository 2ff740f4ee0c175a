/**
 * Elements of the page made from text: whatever comes from content goes in as text, never as markup.
 *
 * @param {string} name
 * @param {Record<string, string | boolean>} attributes  false leaves one out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}
