"""Read lists of case review abstracts, as repositories published them year by year. Pure.

Nothing is added to the source: values that are missing or unspecified there stay so.
"""

from waymark.library.exchange.abstracts.profiles import builtin_profiles, read_profiles
from waymark.library.exchange.abstracts.read import abstract_contents, read_abstracts, read_list

__all__ = ["abstract_contents", "builtin_profiles", "read_abstracts", "read_list", "read_profiles"]
