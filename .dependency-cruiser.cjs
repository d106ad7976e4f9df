// Who may import whom. Data goes one way: intake, actors, machines, effects, adapters.
const TYPE_ONLY = ['type-only'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or need a third. Imports of types count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'machines-are-pure',
      comment: 'Machines know xstate and their neighbours: no clock, no I/O, nothing of the program around them.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: ['^machines/', '(^|/)node_modules/xstate/'] },
    },
    {
      name: 'axios-in-adapters-only',
      comment: 'HTTP goes out through the help desk and the probe.',
      severity: 'error',
      from: { path: '^(src|machines)/', pathNot: '^src/(tickets/freescout/|surfaces/probe[^/]*$)' },
      to: { path: '(^|/)node_modules/axios/' },
    },
    {
      name: 'slack-in-its-adapter-only',
      severity: 'error',
      from: { path: '^(src|machines)/', pathNot: '^src/notify/slack/' },
      to: { path: '(^|/)node_modules/@slack/' },
    },
    {
      name: 'openid-in-identity-only',
      severity: 'error',
      from: { path: '^(src|machines)/', pathNot: '^src/identity/' },
      to: { path: '(^|/)node_modules/(openid-client|jose)/' },
    },
    {
      name: 'nothing-below-http-knows-http',
      comment: 'Routes are the edge. What they and the rest of the program exchange is described in src/model.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/(app|http|commands)/' },
      to: { path: '^src/http/' },
    },
    {
      name: 'model-is-types-only',
      comment: 'Anything may import it, so it imports nothing that does something.',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { pathNot: '^src/model/', dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'subjects-do-not-know-actors',
      comment: 'Answers come back to the actors as events, never as a call upward.',
      severity: 'error',
      from: { path: '^src/(tickets|notify|surfaces|flags|identity|audit|customers|alerts|db|config|log|lib|model)/' },
      to: { path: '^src/actors/', pathNot: '^src/actors/projections/', dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'settings-and-log-are-leaves',
      comment: 'Anything may import them, so they import nothing else of the program.',
      severity: 'error',
      from: { path: '^src/(config|log)(/|\\.ts$)' },
      to: { path: '^(src|machines)/', pathNot: '^src/(config|log)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\.\\./dist/' },
    },
    {
      name: 'sandbox-is-loaded-on-demand',
      comment: 'Production never loads it: the program reaches it by import() only, and nothing else does.',
      severity: 'error',
      from: { path: '^(src|machines|bin)/', pathNot: '^src/sandbox/' },
      to: { path: '^src/sandbox/', dependencyTypesNot: ['dynamic-import'] },
    },
    {
      name: 'sandbox-has-four-doors',
      comment:
        'The start of everything in one process, the sandbox alone, commands without a database, and the drills.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sandbox/|main\\.ts$|commands/(drill|sandbox|withDatabase)\\.ts$)' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'lib-is-the-ground-floor',
      comment: 'Small functions that know nothing of this program.',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^(src|machines)/', pathNot: '^src/(lib|log)/' },
    },
    {
      name: 'no-development-packages-in-the-program',
      comment: 'Production installs without them.',
      severity: 'error',
      from: { path: '^(src|machines|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: TYPE_ONLY },
    },
  ],
  options: {
    doNotFollow: { path: ['(^|/)node_modules/', '^dist/'] },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
    },
  },
};
