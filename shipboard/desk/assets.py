"""Scripts are ES modules that import each other: their hashed names are written into the imports
as well, so that a browser never mixes an old module with a new one.
"""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = r"""(?P<matched>from "(?P<url>\./\w+\.js)";)"""


class ModuleFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    #: Ours alone: Django's own switch for this reads every script, those of wheels as well.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("modules/*.js", ((IMPORT, 'from "%(url)s";'),)),
    )
