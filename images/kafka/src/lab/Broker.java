package lab;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/**
 * Starts Kafka in this JVM once ZooKeeper answers and {@link Repair} has been through, then watches that ZooKeeper
 * still knows the broker.
 */
public final class Broker {
  private static final int SESSION_MS = 18_000;
  private static final int WAIT_SECONDS = 60;
  private static final int WATCH_EVERY_MS = 5_000;

  private final String zookeeper = System.getenv("KAFKA_ZOOKEEPER_CONNECT");
  private final int id = Integer.parseInt(System.getenv("KAFKA_BROKER_ID"));

  public static void main(String[] args) throws Exception {
    // A ZooKeeper that comes up late, or again with another address, is found at once.
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    Security.setProperty("networkaddress.cache.ttl", "1");
    Broker broker = new Broker();
    broker.awaitZooKeeper();
    ZooKeeper zk = broker.connect();
    new Repair(zk, broker.id, Path.of("/data/kafka/log")).run();
    Thread watch = new Thread(() -> broker.watch(zk), "registration-watch");
    watch.setDaemon(true);
    watch.start();
    kafka.Kafka.main(args);
  }

  private void awaitZooKeeper() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    String problem = serves();
    while (problem != null) {
      if (System.nanoTime() > deadline) {
        System.err.println("start-kafka: no ZooKeeper at " + zookeeper + " after " + WAIT_SECONDS + " s: " + problem);
        System.exit(1);
      }
      Thread.sleep(50);
      problem = serves();
    }
  }

  /** What keeps ZooKeeper from serving requests, or null. */
  private String serves() {
    String[] address = zookeeper.split(":");
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])), 2_000);
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
      InputStream answer = socket.getInputStream();
      String state = new String(answer.readAllBytes(), StandardCharsets.US_ASCII);
      return state.contains("Mode: ") ? null : "it answers '" + state.strip() + "'";
    } catch (IOException | RuntimeException e) {
      return e.toString();
    }
  }

  private ZooKeeper connect() throws IOException, InterruptedException {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper zk = new ZooKeeper(zookeeper, SESSION_MS, event -> {
      if (event.getState() == KeeperState.SyncConnected) {
        connected.countDown();
      }
    });
    connected.await(10, TimeUnit.SECONDS);
    return zk;
  }

  /**
   * Ends the process when ZooKeeper serves requests but has lost this broker: the restart repairs it. A broker's own
   * session would never notice a ZooKeeper with an emptied volume, for that refuses sessions that know more than it.
   */
  private void watch(ZooKeeper first) {
    ZooKeeper zk = first;
    boolean registered = false;
    boolean reachable = true;
    int missing = 0;
    try {
      while (missing < 3) {
        Thread.sleep(WATCH_EVERY_MS);
        try {
          boolean found = zk.exists("/brokers/ids/" + id, false) != null;
          if (!reachable) {
            Repair.say("ZooKeeper answers again");
          }
          reachable = true;
          registered |= found;
          missing = found || !registered ? 0 : missing + 1;
        } catch (KeeperException e) {
          if (reachable) {
            Repair.say("no answer from ZooKeeper at " + zookeeper + "; events go on, new topics have to wait");
          }
          reachable = false;
          zk.close();
          zk = connect();
        }
      }
      Repair.say("ZooKeeper no longer knows broker " + id + "; ending, so that a restart repairs it");
      Runtime.getRuntime().halt(1);
    } catch (IOException | InterruptedException e) {
      System.err.println("start-kafka: the watch of the broker's registration ended: " + e);
    }
  }
}
