import type { DoctorView } from '../../../shared/model/statusApi.ts';
import { paragraph } from './blocks.ts';
import type { Look } from './look.ts';

/** What was checked on this machine, what is wrong, and what to do about it. */
export function renderDoctor(doctor: DoctorView, look: Look): string[] {
  const { colours } = look;
  return [
    ...doctor.checks.flatMap((check) => {
      const mark =
        check.verdict === 'ok'
          ? colours.green('✓')
          : check.verdict === 'failed'
            ? colours.red('✗')
            : colours.yellow('?');
      return [
        ...paragraph(`${check.name}: ${check.detail}`, look, `${mark} `),
        ...(check.help === null ? [] : paragraph(check.help, look, '    → ')),
      ];
    }),
    '',
    doctor.ok ? colours.green('All is well.') : colours.red('Something needs you.'),
  ];
}
