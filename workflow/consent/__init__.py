"""What people consent to, purpose by purpose: read, checked, and turned into which jobs may be.

Unknown is no. `diagnosis` decides whether a case is analysed at all, `secondary_findings` and `recontact` take the place of the sample
sheet's columns, `frequency_store` and `beacon` decide who is counted (docs/decisions/033-consent.md).
"""
