import type { Command } from 'commander';
import { ReportView } from '../../../shared/model/reportApi.ts';
import { DoctorView } from '../../../shared/model/statusApi.ts';
import { query, wholeNumber } from '../arguments.ts';
import { renderDoctor } from '../render/doctor.ts';
import { renderReport } from '../render/report.ts';
import { action } from '../session.ts';

/** A year, in hours: further back a report says nothing about the engine of today. */
const MOST_HOURS = 366 * 24;

export function addHealthCommands(program: Command): void {
  program
    .command('report')
    .description('sum up what was done, and how well')
    .option('--hours <n>', 'how far back', wholeNumber(1, MOST_HOURS), 24)
    .action(
      action(async (session, { hours }: { hours: number }) => {
        const client = await session.client();
        session.show(
          await client.call('GET', `/v1/report${query({ hours })}`, ReportView),
          renderReport,
        );
      }),
    );
  program
    .command('doctor')
    .description('check this machine, the store and the projects; exits 1 when something is wrong')
    .action(
      action(async (session) => {
        const client = await session.client();
        const doctor = await client.call('GET', '/v1/doctor', DoctorView);
        session.show(doctor, renderDoctor);
        if (!doctor.ok) process.exitCode = 1;
      }),
    );
}
