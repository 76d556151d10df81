"""What the scribe is given: a zone, how much memory it keeps, what to do and whom to tell."""

from forkproxy.cache.job import Job


def test_a_job_does_what_it_was_given_and_tells():
    told = []
    job = Job(None, 5, lambda shelf: shelf + 1, told.append)
    job.done(job.work(1))
    assert (job.zone, job.octets, told) == (None, 5, [2])
