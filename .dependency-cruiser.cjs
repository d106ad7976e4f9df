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
      comment: 'Machines know xstate and their neighbours: no clock, no I/O, nothing of the house around them.',
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
      name: 'openid-in-its-room-only',
      severity: 'error',
      from: { path: '^(src|machines)/', pathNot: '^src/identity/' },
      to: { path: '(^|/)node_modules/openid-client/' },
    },
    {
      name: 'nothing-below-http-knows-http',
      comment: 'Routes are the edge. What they and the rest of the house talk about is described in src/model.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/(http|commands)/' },
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
      name: 'rooms-do-not-know-actors',
      comment: 'Answers come back to the actors as events, never as a call upward.',
      severity: 'error',
      from: { path: '^src/(tickets|notify|surfaces|flags|identity|audit|customers|alerts|db|config|log)/' },
      to: { path: '^src/actors/', dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'settings-and-log-are-leaves',
      comment: 'Anything may import them, so they import nothing of the house.',
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
      name: 'nothing-imports-the-simulator',
      comment: 'It is a tool for development, and brings a development package along.',
      severity: 'error',
      from: { pathNot: '^(src/simulate|test/simulate)/' },
      to: { path: '^src/simulate/' },
    },
    {
      name: 'no-development-packages-in-the-program',
      comment: 'Production installs without them.',
      severity: 'error',
      from: { path: '^(src|machines|bin)/', pathNot: '^src/simulate/' },
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
