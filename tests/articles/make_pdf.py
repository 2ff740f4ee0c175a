# /// script
# dependencies = ["fpdf2"]
# ///
"""Makes waiting.pdf from waiting.txt: a working paper with running heads, page numbers and hyphenated lines."""

import datetime
from pathlib import Path

from fpdf import FPDF

HERE = Path(__file__).parent
TITLE = "The wait as the clock does not know it"
WHEN = datetime.datetime(2019, 7, 2, tzinfo=datetime.UTC)


class Paper(FPDF):
    """A5 pages with what papers repeat on each of them."""

    def header(self) -> None:
        """The series and the short title."""
        self.set_font("Times", "I", 8)
        self.cell(0, 5, "Northgate Service Papers 14", align="L", new_x="LMARGIN")
        self.cell(0, 5, "Ferreira and Blythe: The wait", align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-12)
        self.set_font("Times", size=8)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="C")


def hyphenate(text: str) -> str:
    """Soft hyphens where long words may part: after the third letter and before the last three."""
    parted = []
    for word in text.split(" "):
        middle = len(word) // 2
        parted.append(f"{word[:middle]}\u00ad{word[middle:]}" if len(word) > 9 and word.isalpha() else word)
    return " ".join(parted)


paper = Paper(format="A5")
paper.set_creation_date(WHEN)
paper.set_title(TITLE)
paper.set_author("Beatriz Ferreira; Conrad Blythe")
paper.set_lang("en-GB")
paper.set_auto_page_break(auto=True, margin=16)
paper.set_margin(24)
paper.add_page()
paper.set_font("Times", "B", 15)
paper.multi_cell(0, 7, TITLE, align="L", new_x="LMARGIN", new_y="NEXT")
paper.set_font("Times", size=10)
paper.multi_cell(0, 6, "Beatriz Ferreira and Conrad Blythe, July 2019", new_x="LMARGIN", new_y="NEXT")
paper.ln(3)
for block in (HERE / "waiting.txt").read_text(encoding="utf-8").strip().split("\n\n"):
    heading = len(block) < 60
    paper.set_font("Times", "B" if heading else "", 11 if heading else 10)
    paper.multi_cell(
        0, 5, block if heading else hyphenate(block), align="L" if heading else "J", new_x="LMARGIN", new_y="NEXT"
    )
    paper.ln(2)
paper.output(str(HERE / "waiting.pdf"))
