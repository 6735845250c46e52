/** The import rule between rooms (docs/architecture.md, section 3). */
const effectRooms = ['mesh', 'execute', 'observe', 'generate', 'gateway', 'notify'];

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
    {
      name: 'shell-is-thin',
      comment:
        'Electron holds no engine code and no native module: the node is a process of its own.',
      severity: 'error',
      from: { path: '^electron/(main|preload)/' },
      to: { path: '^(electron/(?!main|preload|client)|renderer/)' },
    },
    {
      name: 'shell-is-alone',
      comment: 'Nothing but the shell itself runs in Electron.',
      severity: 'error',
      from: { path: '^(electron/(?!main|preload)|renderer/)' },
      to: { path: '^electron/(main|preload)/' },
    },
    {
      name: 'client-is-light',
      comment: 'What every program that talks to a node loads.',
      severity: 'error',
      from: { path: '^electron/client/' },
      to: { path: '^electron/', pathNot: '^electron/(client/|execute/command/processGroup)' },
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
