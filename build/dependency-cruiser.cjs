/** The import rule between rooms (docs/architecture.md, section 3). */
const effectRooms = ['mesh', 'execute', 'observe', 'generate', 'gateway'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-is-pure',
      comment: 'shared/ decides; it may not reach a room that touches the world, nor Node itself.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(electron|renderer)/' },
    },
    {
      name: 'shared-has-no-io',
      severity: 'error',
      from: { path: '^shared/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'renderer-talks-http',
      comment: 'The page knows the node by its API only.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^electron/' },
    },
    ...effectRooms.map((room) => ({
      name: `${room}-stands-alone`,
      comment: 'Only electron/node wires the rooms together.',
      severity: 'error',
      from: { path: `^electron/${room}/` },
      to: { path: `^electron/(${effectRooms.filter((r) => r !== room).join('|')}|node|cli)/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
  },
};
