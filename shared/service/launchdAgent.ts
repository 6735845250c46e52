import { WRITTEN_BY, type ServiceSpec } from './serviceSpec.ts';

/** What launchd calls it; also the name of its file. */
export const LAUNCHD_LABEL = 'app.vigil.node';

/** Open files that a node, its builds and its agents may have; launchd's own 256 are too few. */
const OPEN_FILES = 65_536;
/** Seconds between two starts, so that a node that can't start does not burn the battery. */
const RESTART_SECONDS = 10;

/** The property list of a launchd agent that runs the node while its user is logged in. */
export function launchdAgent(spec: ServiceSpec, logFile: string): string {
  const dict = {
    Label: LAUNCHD_LABEL,
    ProgramArguments: spec.command,
    EnvironmentVariables: spec.environment,
    WorkingDirectory: spec.home,
    RunAtLoad: true,
    // Ended with 0 it was meant to end.
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: RESTART_SECONDS,
    ExitTimeOut: 60,
    // Background would have the system slow down the builds that a human waits for.
    ProcessType: 'Standard',
    Umask: 0o077,
    SoftResourceLimits: { NumberOfFiles: OPEN_FILES },
    StandardOutPath: logFile,
    StandardErrorPath: logFile,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${WRITTEN_BY} -->`,
    '<plist version="1.0">',
    ...element(dict, ''),
    '</plist>',
    '',
  ].join('\n');
}

type PropertyValue =
  string | number | boolean | readonly PropertyValue[] | { readonly [key: string]: PropertyValue };

function element(value: PropertyValue, indent: string): readonly string[] {
  const deeper = `${indent}  `;
  if (typeof value === 'string') return [`${indent}<string>${escaped(value)}</string>`];
  if (typeof value === 'number') return [`${indent}<integer>${value}</integer>`];
  if (typeof value === 'boolean') return [`${indent}<${value ? 'true' : 'false'}/>`];
  if (isList(value)) {
    const items = value.flatMap((item) => element(item, deeper));
    return [`${indent}<array>`, ...items, `${indent}</array>`];
  }
  return [
    `${indent}<dict>`,
    ...Object.entries(value).flatMap(([key, item]) => [
      `${deeper}<key>${escaped(key)}</key>`,
      ...element(item, deeper),
    ]),
    `${indent}</dict>`,
  ];
}

function isList(value: object): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

/** Throws RangeError for what XML cannot hold. */
function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex -- XML 1.0 has no way to write them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) {
    throw new RangeError(`a property list cannot hold ${JSON.stringify(text)}`);
  }
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
