"""随机派员: teams for several visits at once, by a draw that is kept and can be computed again."""
