// The theme opens its own search box over any page whose address has a `q`, and then takes it away: the page for asking
// keeps its question from it, until ask.mjs puts it back. A classic script, for it must come before the theme's.
{
  const url = new URL(location.href);
  const question = url.searchParams.get("q");
  if (question) {
    document.querySelector(".cxkb-asking").dataset.asked = question;
    url.searchParams.delete("q");
    history.replaceState(history.state, "", url);
  }
}
