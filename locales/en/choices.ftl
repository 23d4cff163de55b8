# The link to the page where readers choose what comes, and when.
choices = Your choices
