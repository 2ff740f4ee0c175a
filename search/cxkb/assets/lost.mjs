// On the page for addresses that lead nowhere: the words of the address become the question in the field.

const field = document.querySelector("#cxkb-question");
const last = location.pathname.split("/").filter(Boolean).pop() ?? "";
try {
  const words = decodeURIComponent(last).replace(/\.html?$/, "").replace(/[-_+]+/g, " ").trim();
  if (field && !field.value) field.value = words.slice(0, 200);
} catch (error) {
  if (!(error instanceof URIError)) throw error; // an address that cannot be read asks nothing
}
