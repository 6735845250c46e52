import { WRITTEN_BY, type ServiceSpec } from './serviceSpec.ts';

/** Whose manager runs the unit: the user's own, or the machine's under the user's name. */
export type UnitScope =
  { readonly kind: 'user' } | { readonly kind: 'system'; readonly user: string };

/**
 * Held by the kernel for the node and everything that it starts. What is *not* here, because a sandbox
 * of an agent (bubblewrap: namespaces of its own, a fresh /proc, an interface `lo`) could not be made:
 * RestrictNamespaces, ProtectKernelTunables, ProtectKernelLogs and ProtectProc (the kernel refuses a new
 * /proc where the old one is partly covered), a SystemCallFilter without @mount.
 * MemoryDenyWriteExecute would end the JavaScript engine; ProtectHome would hide the projects.
 */
const HARDENING = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  // AF_NETLINK: reading the machine's addresses, and bubblewrap setting up its `lo`.
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  // pivot_root, mount and umount2 are how a sandbox gets a file system of its own.
  'SystemCallFilter=@system-service @mount',
  'SystemCallErrorNumber=EPERM',
  'UMask=0077',
];

/**
 * What only the machine's manager can do without a user namespace around the service, in which an agent's
 * sandbox would have to nest.
 */
const SYSTEM_HARDENING = [
  'ProtectSystem=full',
  'ProtectKernelModules=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'PrivateTmp=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
];

/** What it may take of the machine. The node itself needs a tenth; the rest is for builds and agents. */
const LIMITS = [
  'MemoryMax=80%',
  'TasksMax=4096',
  'CPUWeight=50',
  'LimitNOFILE=65536',
  // One agent that was ended for its memory is no reason to end the node.
  'OOMPolicy=continue',
];

/**
 * The text of `vigil.service`. Restarts after a failure, at most five times in five minutes.
 * @throws RangeError for a text that no unit file can hold (a line break, a NUL)
 */
export function systemdUnit(spec: ServiceSpec, scope: UnitScope): string {
  const system = scope.kind === 'system';
  const environment = Object.entries(spec.environment).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
  );
  return [
    `# ${WRITTEN_BY}`,
    '[Unit]',
    'Description=Vigil, an autonomous build engine',
    'StartLimitIntervalSec=300',
    'StartLimitBurst=5',
    // A user's manager knows no such target and starts when the machine is up anyway.
    ...(system ? ['After=network-online.target', 'Wants=network-online.target'] : []),
    '',
    '[Service]',
    'Type=exec',
    ...(system ? [`User=${scope.user}`] : []),
    ...environment,
    // `$` would be a variable here, and only here.
    `ExecStart=${spec.command.map((part) => quoted(part).replaceAll('$', '$$$$')).join(' ')}`,
    `WorkingDirectory=${plain(spec.home)}`,
    'Restart=on-failure',
    'RestartSec=2',
    // The node is told to end and ends its children itself; what is left after that is ended for it.
    'KillMode=mixed',
    'TimeoutStopSec=60',
    ...LIMITS,
    ...HARDENING,
    ...(system ? SYSTEM_HARDENING : []),
    '',
    '[Install]',
    `WantedBy=${system ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n');
}

/** One word, whatever it holds: systemd's quotes, with its `%` doubled. */
function quoted(text: string): string {
  return `"${plain(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The value of a setting that is taken to the end of its line. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- a unit file ends a setting at any of them
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw new RangeError(`a unit file cannot hold ${JSON.stringify(text)}`);
  }
  return text.replaceAll('%', '%%');
}
