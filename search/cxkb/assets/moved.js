// On a page that has moved: on to the new one, with the anchor, before the page's own refresh goes without it.

location.replace(document.querySelector("a").href + location.hash);
