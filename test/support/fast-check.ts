import fc from 'fast-check';

/**
 * fast-check with the same random cases at each run, so that a run of all tests says the same of the same code wherever it runs.
 * `PROPERTY_SEED` gives other cases, and with `PROPERTY_PATH` repeats a failure that was printed with the two.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

export default fc;
