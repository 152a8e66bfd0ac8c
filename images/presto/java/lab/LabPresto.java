package lab;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.facebook.presto.execution.resourceGroups.InternalResourceGroupManager;
import com.facebook.presto.hive.HiveHadoop2Plugin;
import com.facebook.presto.metadata.InternalNodeManager;
import com.facebook.presto.server.PluginManager;
import com.facebook.presto.server.PrestoServer;
import com.google.common.collect.ImmutableList;
import com.google.inject.Injector;
import com.google.inject.Module;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.inject.Inject;

/**
 * Presto with its Hive connector on the application's own class path. A plug-in's class loader would load Guava, Guice,
 * Jackson and more a second time, and would take none of its classes from the class-data archive.
 */
public final class LabPresto extends PrestoServer {
  public static void main(String[] args) {
    // Presto opens a JMX port without a password unless it believes that one is open already.
    System.setProperty("com.sun.management.jmxremote.port", "1");
    Runtime.getRuntime().addShutdownHook(new Thread(LabPresto::leave, "leave"));
    new LabPresto().run();
  }

  /** What runs here keeps nothing, and its parts would take up to 7 s to stop. */
  private static void leave() {
    try {
      Thread.sleep(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(143);
  }

  @Override
  protected Iterable<? extends Module> getAdditionalModules() {
    return ImmutableList.of(binder -> binder.bind(Settings.class).asEagerSingleton());
  }

  /**
   * Presto looks every 5 s which catalogs its nodes have. Without a look when the catalogs are there it says that it has
   * started, and for up to 5 s finds no node for a query of Hive's tables.
   */
  @Override
  protected void startAssociatedProcesses(Injector injector) {
    injector.getInstance(InternalNodeManager.class).refreshNodes();
    super.startAssociatedProcesses(injector);
  }

  /** What no property of Presto's can say, said before it reads the catalogs. */
  public static final class Settings {
    @Inject
    public Settings(PluginManager plugins, @SuppressWarnings("rawtypes") InternalResourceGroupManager queue)
        throws ReflectiveOperationException {
      plugins.installPlugin(new HiveHadoop2Plugin());
      calm(queue);
    }

    /**
     * Presto looks for queued queries a thousand times a second, which costs a twentieth of a core for ever. Twenty
     * times will do: a query that need not queue starts at once all the same.
     */
    private static void calm(InternalResourceGroupManager<?> queue) throws ReflectiveOperationException {
      Field timer = InternalResourceGroupManager.class.getDeclaredField("refreshExecutor");
      Method look = InternalResourceGroupManager.class.getDeclaredMethod("refreshAndStartQueries");
      timer.setAccessible(true);
      look.setAccessible(true);
      ((ScheduledExecutorService) timer.get(queue)).shutdownNow();
      ScheduledExecutorService calmer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "query-queue");
        thread.setDaemon(true);
        return thread;
      });
      calmer.scheduleWithFixedDelay(() -> {
        try {
          look.invoke(queue);
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }, 50, 50, MILLISECONDS);
    }
  }
}
