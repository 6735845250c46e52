import { useStatus } from '../../api/queries.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { useQueryParam } from '../../parts/useQueryParam.ts';
import { ChooseRepository } from './ChooseRepository.tsx';
import { FirstWork } from './FirstWork.tsx';

/** From a repository to its first merged task. */
export default function Start() {
  const [project, setProject] = useQueryParam('project');
  const isFirst = (useStatus().data?.projects.length ?? 0) === 0 || project !== '';
  return (
    <>
      <PageTitle title={isFirst ? 'First run' : 'Add a project'}>
        Choose a repository, see what was found, and let Vigil begin.
      </PageTitle>
      {project === '' ? (
        <ChooseRepository onStarted={setProject} />
      ) : (
        <FirstWork id={project} onAgain={() => setProject('')} />
      )}
    </>
  );
}
