//! No code: what is tested lies in `pass/` and `fail/`.
