"""Pure rules of suggested rotas: the problem, what counts, plain filling, checking, words."""
