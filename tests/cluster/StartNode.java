import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/**
 * Starts one node of a test cluster: StartNode FOLDER NAME ROLES HTTP_PORT TRANSPORT_PORT SEEDS.
 * ROLES and SEEDS are separated by commas; the node n1 makes the cluster.
 */
public final class StartNode {
  /** A node with the two plugins that a server has as folders. */
  private static final class TestNode extends Node {
    TestNode(Settings settings, String name) {
      super(
          InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> name),
          List.of(Netty4Plugin.class, CommonAnalysisPlugin.class),
          false);
    }
  }

  public static void main(String[] words) throws Exception {
    Path folder = Path.of(words[0]);
    Settings settings =
        Settings.builder()
            .put("path.home", folder.toString())
            .put("path.data", folder.resolve("data").toString())
            .put("path.logs", folder.resolve("logs").toString())
            .put("cluster.name", "waymark-test")
            .put("node.name", words[1])
            .putList("node.roles", words[2].split(","))
            .put("network.host", "127.0.0.1")
            .put("http.port", words[3])
            .put("transport.port", words[4])
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .putList("discovery.seed_hosts", words[5].split(","))
            .putList("cluster.initial_cluster_manager_nodes", "n1")
            // The disk of a tester may be nearly full.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    Node node = new TestNode(settings, words[1]);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    node.close();
                  } catch (Exception error) {
                    error.printStackTrace();
                  }
                }));
    node.start();
    Thread.currentThread().join();
  }
}
