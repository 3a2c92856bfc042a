import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One search node on chosen ports, for development and tests: {@code java -cp 'lib/*' Node.java DIR HTTP_PORT TRANSPORT_PORT}. */
public final class Node {

    public static void main(final String[] arguments) throws InterruptedException {
        if (arguments.length != 3) {
            System.err.println("usage: java -Xmx600m -cp 'lib/*' Node.java DIR HTTP_PORT TRANSPORT_PORT");
            System.exit(2);
        }
        final String directory = arguments[0];
        final int http = Integer.parseInt(arguments[1]);
        final int transport = Integer.parseInt(arguments[2]);
        final PrintStream output = System.out;
        System.setOut(System.err); // the runner and the node's log write here; standard output carries the ready line alone
        System.setProperty("log4j.shutdownHookEnabled", "false"); // the node still logs while it closes
        final CountDownLatch stopped = new CountDownLatch(1);
        final OpenSearchRunner runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (final IOException failure) {
                System.err.println("the node did not close cleanly: " + failure);
            } finally {
                stopped.countDown();
            }
        }));
        runner.onBuild((number, settings) -> {
            settings.put("http.port", String.valueOf(http));
            settings.put("transport.port", String.valueOf(transport));
            settings.put("network.host", "127.0.0.1");
            settings.put("discovery.type", "single-node");
            settings.putList("node.roles", "cluster_manager", "data", "ingest");
            settings.put("action.auto_create_index", "false");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        }).build(OpenSearchRunner.newConfigs().basePath(directory).numOfNode(1).clusterName("forecourt-" + http));
        runner.ensureGreen();
        output.println("ready http://127.0.0.1:" + http);
        output.flush();
        stopped.await();
    }
}
