"""The language of questions: words, a grammar, and the one value that a question is."""
