"""Use cases: one public function, one transaction, audited. Plain values in, ids out."""
