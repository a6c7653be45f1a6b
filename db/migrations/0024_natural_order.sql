-- Names as people order them: whatever the case, 2 before 10. No index uses it: those of a collation have to be built anew with each release of ICU.
CREATE COLLATION "natural_order" (provider = icu, locale = 'en-u-ks-level2-kn-true');
