"""Writing the app and the mapping of a legacy system that nobody has modelled yet, from one of its files.

``judge`` says what type a column's values are, ``plan`` makes models of a file's tables, ``names`` gives them
names that Python, Django and PostgreSQL take, ``code`` lays Python out, ``write`` puts a plan into words and
``project`` puts those into the project.
"""
