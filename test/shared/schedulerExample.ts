// Runs with `node test/shared/schedulerExample.ts`; outside the checkout, import from 'vigil/scheduler'.
import { plan } from '../../shared/scheduler.ts';

const MINUTE = 60_000;
const { assignments, waiting, criticalPath } = plan({
  nowMs: Date.now(),
  tasks: [
    { id: 'api', estimateMs: 30 * MINUTE, scope: ['src/api/**'] },
    { id: 'page', estimateMs: 45 * MINUTE, dependencies: [{ type: 'ordering', task: 'api' }] },
    { id: 'typo', estimateMs: 2 * MINUTE, scope: ['src/api/routes.js'] },
    { id: 'icon', estimateMs: 5 * MINUTE, capabilities: ['xcode'] },
    {
      id: 'docs',
      estimateMs: 10 * MINUTE,
      dependencies: [{ type: 'hard', artifact: 'openapi.json' }],
    },
  ],
  nodes: [
    { id: 'box', slots: 2 },
    { id: 'mac', slots: 1, capabilities: ['xcode'] },
  ],
});

for (const { task, node, score, reason } of assignments) {
  console.log(`${task} → ${node}  (score ${score.toFixed(1)}, ${reason})`);
}
for (const { task, reason } of waiting) console.log(`${task}: ${reason}`);
console.log(
  `critical path: ${criticalPath.tasks.join(' → ')}, ${criticalPath.lengthMs / MINUTE} min`,
);
