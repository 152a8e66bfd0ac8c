package lab;

import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants.SafeModeAction;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hadoop.hive.conf.HiveConf.ConfVars;
import org.apache.hadoop.hive.metastore.HiveMetaStore;
import org.apache.hadoop.hive.metastore.conf.MetastoreConf;
import org.apache.hadoop.hive.metastore.security.HadoopThriftAuthBridge;
import org.apache.hive.service.server.HiveServer2;
import org.slf4j.LoggerFactory;

/** Metastore and HiveServer2 in one JVM: the classes they share are loaded once. Ends when either fails. */
public final class Hive {
  private static final int METASTORE_PORT = 9083;

  private Hive() {}

  public static void main(String[] args) {
    // While there is one thread: what another logs while this one sets logging up is lost.
    LoggerFactory.getILoggerFactory();
    try {
      Science.login();
      HiveConf conf = new HiveConf();
      // A query's progress belongs to its client, not to the container's log.
      conf.setBoolVar(ConfVars.HIVESESSIONSILENT, true);
      startMetastore();
      // Started sooner, HiveServer2 fails, and tries again only after a minute.
      awaitHdfs(conf);
      HiveServer2 server = new HiveServer2();
      server.init(conf);
      server.start();
    } catch (Throwable t) {
      fail("HiveServer2", t);
    }
  }

  /** Returns when the metastore answers. */
  private static void startMetastore() throws InterruptedException {
    Lock lock = new ReentrantLock();
    Condition served = lock.newCondition();
    AtomicBoolean serving = new AtomicBoolean();
    new Thread(() -> {
      try {
        HiveMetaStore.startMetaStore(METASTORE_PORT, HadoopThriftAuthBridge.getBridge(),
            MetastoreConf.newMetastoreConf(), lock, served, serving);
        throw new IllegalStateException("it stopped serving");
      } catch (Throwable t) {
        fail("metastore", t);
      }
    }, "metastore").start();
    lock.lock();
    try {
      while (!serving.get()) {
        served.await();
      }
    } finally {
      lock.unlock();
    }
    Runtime.getRuntime().addShutdownHook(new Thread(Hive::closeMetastore));
  }

  /** Derby's way to close a database, so that the next start has nothing to recover; it always ends in an exception. */
  private static void closeMetastore() {
    try {
      DriverManager.getConnection("jdbc:derby:;shutdown=true");
    } catch (SQLException closed) {
      // As documented.
    }
  }

  @SuppressWarnings("deprecation") // its successor came with Hadoop 3.4
  private static void awaitHdfs(HiveConf conf) throws InterruptedException {
    while (true) {
      try {
        DistributedFileSystem hdfs = (DistributedFileSystem) FileSystem.get(conf);
        if (!hdfs.setSafeMode(SafeModeAction.SAFEMODE_GET)) {
          return;
        }
      } catch (IOException notYet) {
        // The health check says what is missing for as long as it is.
      }
      Thread.sleep(100);
    }
  }

  private static void fail(String service, Throwable t) {
    System.err.println(service + " failed:");
    t.printStackTrace();
    Runtime.getRuntime().halt(1);
  }
}
