"""The admin as a place to look at imported rows: view-only, quick on large tables, safe with hostile content.

``base`` holds the class that every imported model is registered with; ``describe`` reads a model; ``cells``
shows a value; ``changelist``, ``paging``, ``counts`` and ``filters`` make a list; ``row`` and ``references`` a
row's page; ``panels`` is where other apps add to a row's page; ``site`` and ``guard`` hold what all pages share.
Nothing here knows an importer or a domain.
"""
