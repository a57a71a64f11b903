"""Tools of the repository that neither the site nor the training imports.

python -m scripts.audit_dependencies    known weaknesses of the pinned packages (make check)
python -m scripts.house                 figures of the tree: flat files, circles, arrows, a photo's stops
python -m scripts.make_samples          the site's sample photos and its card
python -m scripts.slug_size             what a Heroku slug would weigh (make slug-size)
python -m scripts.third_party           THIRD_PARTY.md, from the licences beside foreign files and of the packages
"""
