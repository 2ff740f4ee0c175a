"""What can stop the work, as a tree.

CxkbError                  the message says what to do next; the command line exits with 1
├── SettingsError          not inside a knowledge base; a bad [tool.cxkb], or mkdocs.yml
├── ContentError           content with problems: nothing can be built from it
├── QuestionError          a question, or a file of questions, that cannot be asked
├── FetchError             an address that cannot be read, or is not to be
├── ArticleError           a file or page that no source record can be made of
├── SiteError              MkDocs could not build, or a folder is no built site
├── IndexNotFound          there is no index yet
├── IndexOutdated          the index was made from something else: both values named
│   └── IndexNewer         by a newer cxkb: nothing but `cxkb index` replaces it
├── IndexDamaged           a file of the index is not what was written
├── RepositoryError        no git, no repository, or a revision that it does not know
├── StorageError           a folder cannot be written, another process is at it, or the disk is full
└── ModelUnavailable       which model, where it was looked for, how to get it offline

A contributor's mistakes in content are values, not exceptions: see `records.Problem`.
"""


class CxkbError(Exception):
    """Something stops the work; the message is one sentence for the user, with its remedy."""


class SettingsError(CxkbError):
    """There is no knowledge base here, or its [tool.cxkb] table or its navigation is wrong."""


class ContentError(CxkbError):
    """The content has problems that leave nothing to build from; `cxkb check` lists them."""


class QuestionError(CxkbError):
    """A question, or a file of questions, cannot be asked."""


class FetchError(CxkbError):
    """An address cannot be read, or is one that we do not read."""


class ArticleError(CxkbError):
    """A file or page is no article that a source record can be made of."""


class SiteError(CxkbError):
    """MkDocs could not render the pages, or a folder is none that it has built."""


class IndexNotFound(CxkbError):
    """There is no index where one was looked for."""


class IndexOutdated(CxkbError):
    """The index was made by another format, model or content than is asked for now."""


class IndexNewer(IndexOutdated):
    """The index was made by a newer cxkb, which the user may have elsewhere: it is not replaced unasked."""


class IndexDamaged(CxkbError):
    """A file of the index differs from what was written."""


class RepositoryError(CxkbError):
    """Git cannot tell: it is not installed, the folder lies in no repository, or a revision is unknown."""


class StorageError(CxkbError):
    """A folder cannot be written to, another process is writing there, or the disk is full."""


class ModelUnavailable(CxkbError):
    """The configured encoder cannot be loaded."""
