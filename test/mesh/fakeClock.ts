import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where Debian puts libfaketime, whatever the processor. */
function library(): string {
  return (
    readdirSync('/usr/lib')
      .map((name) => path.join('/usr/lib', name, 'faketime', 'libfaketime.so.1'))
      .find((file) => existsSync(file)) ?? ''
  );
}

/** A wall clock that a test sets, for processes that run with `env`; how time passes stays as it is. */
export class FakeClock {
  readonly env: NodeJS.ProcessEnv;
  private readonly file: string;

  constructor(folder: string) {
    this.file = path.join(folder, 'clock');
    this.set('+0');
    this.env = {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** By how much it is ahead or behind, as `+2h`. It is looked up once a second. */
  set(offset: string): void {
    writeFileSync(this.file, `${offset}\n`);
  }
}
