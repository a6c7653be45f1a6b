module.exports = {
  /** Domain files that ask for time zones or locales, or run expressions: not for replayed code. */
  NOT_FOR_WORKFLOWS: 'schedule|values|mapping|day-range',
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
