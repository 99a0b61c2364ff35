import org.codelibs.opensearch.runner.OpenSearchRunner;

/** An OpenSearch of one node on loopback. Arguments: the folder of its data, the port of HTTP. Ends with the process. */
public final class OneNode {
    public static void main(final String[] args) throws Exception {
        final OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.port", args[1]);
            settings.put("network.host", "127.0.0.1");
            settings.put("discovery.type", "single-node");
            settings.putList("node.roles", "cluster_manager", "data", "ingest");
        }).build(OpenSearchRunner.newConfigs().basePath(args[0]).numOfNode(1).useLogger());
        Thread.currentThread().join();
    }
}
