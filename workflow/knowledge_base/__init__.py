"""The centre's knowledge base: every classification of a variant that anybody here or elsewhere made, none of them ever overwritten.

A classification has evidence, author, day and centre; a later one of the same centre takes the place of its earlier one and leaves it as
history (docs/decisions/034-knowledge-base.md).
"""
