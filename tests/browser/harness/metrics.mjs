/** What a server counts: its metrics, as Prometheus would read them. */

/**
 * The sum of a metric's samples, of those with these labels.
 *
 * @param {string} url any address of the server
 * @param {string} name
 * @param {string} [labels] a part of the sample's labels, as `reason="missing"`
 */
export async function metric(url, name, labels = '') {
  const { host } = new URL(url);
  const response = await fetch(`http://${host}/metrics`);
  if (!response.ok) throw new Error(`/metrics of ${host}: ${response.status}`);
  const samples = (await response.text()).split('\n').filter((line) => {
    const rest = line.startsWith(name) ? line.slice(name.length) : '';
    return (rest.startsWith(' ') || rest.startsWith('{')) && rest.includes(labels);
  });
  if (samples.length === 0) throw new Error(`${host} counts no ${name} ${labels}`);
  return samples.reduce((sum, sample) => sum + Number(sample.slice(sample.lastIndexOf(' '))), 0);
}
