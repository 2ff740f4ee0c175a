// html-validate over the built site (tests/test_html.py). A rule is off only with its reason beside it.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    "valid-id": ["error", { relaxed: true }], // any id without white space is valid HTML; Material's begin with __
    "doctype-style": ["error", { style: "lowercase" }], // Material's spelling; HTML has no preference
    "long-title": "off", // a question that is a page's title is as long as it is
    "no-trailing-whitespace": "off", // left by the tags of Material's templates; compresses to nothing
    "unique-landmark": "off", // cannot see which table of contents is hidden; axe looks at the same on the laid-out page
    "valid-autocomplete": "off", // keeps Firefox from remembering that Material's drawer was open
    "wcag/h32": "off", // the forms for search and colours are never sent
  },
};
