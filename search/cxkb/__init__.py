"""cxkb: a knowledge base of customer experience concepts, as a site and as answers.

The way of a text:      frontmatter, heads -> sources, concepts -> knowledge -> pages -> site -> passages
                        -> encoder -> index
The way of a question:  retrieve -> encoder, index -> rank -> render
The way to a browser:   index, quantise -> browser -> site_assets; assets/browser/engine.mjs answers there
The way to machines:    knowledge, history -> skos, csl, bibtex, feed, llms -> exports; structured -> metadata
The way of a mistake:   check -> Problem(path, line, message, code), counted by plugin; explanations -> annotations;
                        fixes, edits mend
The way of a change:    drafting, moving -> mentions, edits -> transaction -> docs/, sources/; redirects -> the site
The way of a source:    fetch -> article (decoding, blocks, paragraphs, debris, pdf, origins, byline), confined
                        -> scaffold -> adding
What a source brings:   prints, findings -> source_report -> report_wording -> pr_comment

Every module says in its first line what it is for; imports point downwards in the order of pyproject.toml's layers.
"""

__version__ = "0.1.0"
