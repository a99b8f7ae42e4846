"""What an answer says, before anybody draws it: a sentence or two, a small table, how settled it is, where to go on."""
