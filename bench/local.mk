# bench: the same work by certhaul and by its peers, side by side.
