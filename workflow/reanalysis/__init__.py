"""New knowledge for cases that are open: interpretation alone is done again, beside the results and never over them.

`releases` dates knowledge and refuses older one; `open_cases` says which cases are done again; `plan` freezes that for a reanalysis and
gives it to jobs; `terms`, `fields` and `redo` do a case with other knowledge; `difference` holds two rankings against each other, `news`
tells what a release has that the earlier one had not, `lifting` what of it moved a gene; `causes` splits a difference into code, knowledge
and input; `work_list` and `page` make of it what people work off.
"""
